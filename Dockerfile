# One image for the API, the worker and every command:  docker build -t personaworlds .  &&  docker run personaworlds api
# BASE may name a digest: --build-arg BASE=debian:12-slim@sha256:...; so does compose.yaml with BASE_IMAGE. REVISION is the commit for the label.
# Both package lists are held against script/bootstrap and the program's libraries by tests/ops/test_packaging.py.
ARG BASE=debian:12-slim

FROM $BASE AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      git gcc libc6-dev meson ninja-build pkgconf python3 \
      libcmocka-dev libcurl4-openssl-dev libhiredis-dev libisal-dev libjansson-dev libjwt-dev libpango1.0-dev libpq-dev libsodium-dev libutf8proc-dev libuv1-dev \
      nodejs npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN script/build

FROM $BASE
# What cards are written in, in a layer of its own: it is most of the image, and seldom another. The fonts' cache is made here, as the root is read-only
# later, and each process would read all of them anew. It is good for folders of the time that it holds; layers keep whole seconds.
RUN apt-get update && apt-get install -y --no-install-recommends \
      fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji fontconfig \
    && find /usr/share/fonts /usr/local/share/fonts -type d -exec touch --date=@1000000000 {} + \
    && fc-cache --system-only \
    && apt-get clean && rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt /var/cache/ldconfig/aux-cache
# libcurl is loaded when a model is asked, Pango and ISA-L when a card is drawn. No program of the image may change who runs it.
# The user is of no day in particular, so that tomorrow's build is the same.
RUN apt-get update && apt-get install -y --no-install-recommends \
      libhiredis0.14 libjansson4 libjwt0 libpq5 libsodium23 libutf8proc2 libuv1 libcurl4 libisal2 libpangocairo-1.0-0 ca-certificates \
    && groupadd --gid 10001 personaworlds && SOURCE_DATE_EPOCH=1000000000 useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent personaworlds \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
    && apt-get clean && rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt /var/cache/ldconfig/aux-cache
COPY --from=build /src/build/personaworlds /usr/local/bin/
USER 10001:10001
# Loopback, the default outside prod, would be the container's own.
ENV LISTEN_ADDRESS=::
EXPOSE 8080 9091
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s CMD ["personaworlds", "healthcheck"]
ENTRYPOINT ["personaworlds"]
CMD ["api"]
# Last, as another commit would have all that stands behind it made anew.
ARG REVISION=
LABEL org.opencontainers.image.title="PersonaWorlds" \
      org.opencontainers.image.description="A social world of personas: API, worker and the operators' commands" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION"
