/** Conversations in the menu: found, opened, and more of them when scrolled to. */

import { useRouter } from "next/router";
import { useEffect, useRef, useState } from "react";
import { find, follow, more, useConversations } from "../lib/conversations";
import { explained } from "../lib/errors";
import { placeOf } from "../lib/places";
import { connection, useSession } from "../lib/session";
import { useTexts } from "../lib/texts";
import { Icon } from "./icon";
import { Link } from "./link";

/** Milliseconds after the last key before a search is sent. */
const TYPING = 400;

export function Conversations() {
  const texts = useTexts();
  const { t } = texts;
  const list = useConversations();
  const { asPath } = useRouter();
  const end = useEnd();
  useNews();
  useEffect(() => {
    if (list.state === "new") void find();
  }, [list.state]);
  return (
    <>
      <Search />
      <div className="scroll" aria-busy={list.state === "loading"}>
        <ul className="talks">
          {list.lines.map((one) => {
            const href = placeOf(one.kind, one.id);
            return (
              <li key={one.id}>
                <Link className="menu-link talk" href={href} aria-current={asPath === href ? "page" : undefined}>
                  <span>{one.title}</span>
                </Link>
              </li>
            );
          })}
        </ul>
        {list.state === "ready" && list.lines.length === 0 && (
          <p className="soft small-text talks-none">{t(list.search ? "talks.none_found" : "talks.none")}</p>
        )}
        {list.state === "failed" && (
          <div className="talks-none stack close" role="status">
            <p className="soft small-text">{explained(texts, list.error)}</p>
            <button className="button plain" onClick={() => void find(list.search)}>
              {t("shell.again")}
            </button>
          </div>
        )}
        <div ref={end} className="talks-end" />
      </div>
    </>
  );
}

/** Moves up what was asked in, also on another device. */
function useNews(): void {
  const { status, person } = useSession();
  const here = status === "in" ? person?.phone : undefined;
  useEffect(() => {
    if (here === undefined) return;
    const client = connection();
    const look = () => follow(client);
    look();
    return client.subscribe(look);
  }, [here]);
}

function Search() {
  const { t } = useTexts();
  const { search } = useConversations();
  const [text, write] = useState(search);
  useEffect(() => {
    if (text === search) return;
    const later = setTimeout(() => void find(text.trim()), TYPING);
    return () => clearTimeout(later);
  }, [text, search]);
  return (
    <div className="search">
      <Icon of="search" small />
      <input
        className="input"
        type="search"
        value={text}
        maxLength={200}
        onChange={(event) => write(event.target.value)}
        aria-label={t("talks.search")}
        placeholder={t("talks.search")}
      />
    </div>
  );
}

/** Asks for more when the end of the list comes into view. */
function useEnd() {
  const ref = useRef<HTMLDivElement>(null);
  const { lines } = useConversations();
  useEffect(() => {
    const end = ref.current;
    if (end === null) return;
    const watcher = new IntersectionObserver(([seen]) => {
      if (seen?.isIntersecting) void more();
    });
    watcher.observe(end);
    return () => watcher.disconnect();
  }, [lines]);
  return ref;
}
