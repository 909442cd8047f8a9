/** The admin pages in the menu, in this order. */

import type { Drawing } from "../icon";
import type { AdminDrawing } from "./drawing";

export const PAGES: { href: string; of: Drawing | AdminDrawing; name: string }[] = [
  { href: "/admin", of: "check", name: "Today" },
  { href: "/admin/figures", of: "chart", name: "Figures" },
  { href: "/admin/users", of: "person", name: "People" },
  { href: "/admin/payments", of: "wallet", name: "Payments" },
  { href: "/admin/prices", of: "tag", name: "Prices" },
  { href: "/admin/packages", of: "box", name: "Packages" },
  { href: "/admin/vouchers", of: "ticket", name: "Vouchers" },
  { href: "/admin/broadcast", of: "horn", name: "Broadcast" },
  { href: "/admin/jobs", of: "gear", name: "Jobs" },
  { href: "/admin/record", of: "essay", name: "Record" },
];
