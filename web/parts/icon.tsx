/** Line drawings of 24 by 24; they only repeat what words beside them say. */

const DRAWN = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "m6 6 12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  chat: "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-4 4v-4H6a2 2 0 0 1-2-2z",
  essay: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  wallet: "M4 7a2 2 0 0 1 2-2h11v3M4 7v10a2 2 0 0 0 2 2h14V8H5M16 13.5h.01",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M5 20c.6-4 3.400-5.5 7-5.5s6.400 1.5 7 5.5",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.300c-.7.3-1 .8-1 1.700M12 17h.01",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M20 20l-4-4",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  share: "M12 15V4M8 7l4-4 4 4M6 12H5v8h14v-8h-1",
  again: "M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5",
  before: "M5 12a7 7 0 1 0 2-5L5 9M5 4v5h5M12 8v4l3 2",
  edit: "M5 19h3L19 8l-3-3L5 16z",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  check: "m5 12 5 5 9-10",
  warn: "M12 4 3 20h18zM12 10v4M12 17h.01",
  cloud: "M4 4l16 16M7 8a5 5 0 0 0 0 10h10M10 6.5A5 5 0 0 1 16.5 10a4 4 0 0 1 3 6",
  show: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5",
  hide: "M4 4l16 16M9.5 6c.8-.3 1.600-.5 2.5-.5 6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-2.5 3.200M6.5 7.5C4 9.300 2.5 12 2.5 12S6 18.5 12 18.5c1.5 0 2.800-.4 4-1M10 10.5a2.5 2.5 0 0 0 3.5 3.5",
  down: "M12 5v14M6 13l6 6 6-6",
  up: "M12 19V5M6 11l6-6 6 6",
  print: "M7 8V3h10v5M7 17H4V9h16v8h-3M7 14h10v7H7z",
  save: "M12 4v11M7 10l5 5 5-5M5 20h14",
} as const;

export type Drawing = keyof typeof DRAWN;

export function Icon({ of, small = false }: { of: Drawing; small?: boolean }) {
  return (
    <svg className={small ? "icon small" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
      <path d={DRAWN[of]} />
    </svg>
  );
}
