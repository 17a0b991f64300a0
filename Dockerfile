# One image for the API, the worker and every command:  docker build -t personaworlds .  &&  docker run personaworlds api
# Both package lists are held against script/bootstrap and the program's libraries by tests/ops/test_packaging.py.

FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      git gcc libc6-dev meson ninja-build pkgconf python3 \
      libcmocka-dev libcurl4-openssl-dev libhiredis-dev libisal-dev libjansson-dev libjwt-dev libpango1.0-dev libpq-dev libsodium-dev libutf8proc-dev libuv1-dev \
      nodejs npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN script/build

FROM debian:12-slim
# libcurl is loaded when a model is asked, Pango and ISA-L when a card is drawn; curl is for the health checks.
# fontconfig's cache is made here: the root is read-only later, and each process would read 145 MB of fonts anew.
RUN apt-get update && apt-get install -y --no-install-recommends \
      libhiredis0.14 libjansson4 libjwt0 libpq5 libsodium23 libutf8proc2 libuv1 \
      libcurl4 libisal2 libpangocairo-1.0-0 fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
      ca-certificates curl fontconfig \
    && rm -rf /var/lib/apt/lists/* \
    && fc-cache --system-only \
    && groupadd --gid 10001 personaworlds && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent personaworlds
COPY --from=build /src/build/personaworlds /usr/local/bin/
USER 10001:10001
# Loopback, the default outside prod, would be the container's own.
ENV LISTEN_ADDRESS=::
EXPOSE 8080 9091
STOPSIGNAL SIGTERM
# Of the API; compose.yaml has the worker's own.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s CMD curl -fsS "http://127.0.0.1:${PORT:-8080}/healthz"
ENTRYPOINT ["personaworlds"]
CMD ["api"]
