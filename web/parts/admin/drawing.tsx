/** Drawings that operators alone see, so that nobody else loads them. */

import { Icon, type Drawing } from "../icon";

const DRAWN = {
  chart: "M4 20h16M7 16v-5M12 16V5M17 16V9",
  tag: "M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01",
  box: "m4 8 8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  ticket: "M4 7h16v3.500a1.500 1.500 0 0 0 0 3V17H4v-3.500a1.500 1.500 0 0 0 0-3zM14 7v2M14 11v2M14 15v2",
  horn: "M4 10v4h3l9 4V6l-9 4zM7 14l1.500 5h2L9.500 15M19 10.500v3",
  gear: "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6M12 4v3M12 17v3M4 12h3M17 12h3M6.300 6.300l2.200 2.200M15.500 15.500l2.200 2.200M6.300 17.700l2.200-2.200M15.500 8.500l2.200-2.200",
} as const;

export type AdminDrawing = keyof typeof DRAWN;

export function AdminIcon({ of }: { of: Drawing | AdminDrawing }) {
  if (!isOurs(of)) return <Icon of={of} />;
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={DRAWN[of]} />
    </svg>
  );
}

function isOurs(of: Drawing | AdminDrawing): of is AdminDrawing {
  return of in DRAWN;
}
