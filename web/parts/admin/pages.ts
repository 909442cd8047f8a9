/** The admin pages in the menu, in this order. */

import type { Drawing } from "../icon";

export const PAGES: { href: string; of: Drawing; name: string }[] = [
  { href: "/admin", of: "check", name: "Today" },
  { href: "/admin/users", of: "person", name: "People" },
  { href: "/admin/payments", of: "wallet", name: "Payments" },
  { href: "/admin/record", of: "essay", name: "Record" },
];
