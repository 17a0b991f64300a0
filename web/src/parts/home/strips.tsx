import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { resource } from "../../store";
import { t } from "../../text";
import { Loaded } from "../loaded";
import { Mark } from "../mark";

/** The rooms are read when somebody comes near them. */
export function RoomStrip() {
  const isNear = useSignal(location.hash === "#rooms");
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && (isNear.value = true), { rootMargin: "200px" });
    if (section.current !== null) observer.observe(section.current);
    return () => observer.disconnect();
  }, []);
  return (
    <section id="rooms" ref={section}>
      <h2 tabIndex={-1}>{t("rooms")}</h2>
      {isNear.value && <Loaded from={resource("/rooms")}>
        {({ rooms }) => (
          <ul class="strip">{rooms.map(({ id, name, posts_count }) => (
            <li key={id}><a class="act" href={`/rooms/${id}`}><bdi>{name}</bdi> <span class="fine">{posts_count}</span></a></li>
          ))}</ul>
        )}
      </Loaded>}
    </section>
  );
}

export function OwnPersonas() {
  return (
    <section id="profile">
      <h2 tabIndex={-1}>{t("yourPersonas")}</h2>
      <Loaded from={resource("/personas")}>
        {({ personas }) => (
          <ul class="strip">
            {personas.map(({ id, name }) => (
              <li key={id}><a class="act" href={`/personas/${id}`}><Mark id={id} name={name} /><bdi>{name}</bdi></a></li>
            ))}
            <li><a class="act" href="/personas/new">{t("createOwn")}</a></li>
          </ul>
        )}
      </Loaded>
    </section>
  );
}
