/** Columns that every list of versions has. */

import { moment } from "../../lib/time";
import type { Column } from "./table";

export const SINCE: Column<{ valid_from: string }> = { name: "Since", cell: ({ valid_from }) => moment(valid_from) };

export const MADE: Column<{ who: string | null; reason: string | null }>[] = [
  { name: "Who", cell: ({ who }) => who ?? "came with it" },
  { name: "Why", cell: ({ reason }) => reason ?? "", long: true },
];
