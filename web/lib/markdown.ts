/**
 * What models write, taken apart into values: Markdown with tables and formulas.
 *
 * Loaded when the first answer is shown. Nothing here makes HTML; parts/markdown.tsx
 * makes elements of the values, so that words can never become markup.
 */

import { Marked, type Token, type Tokens } from "marked";

export type { Token, Tokens };

export interface Formula {
  type: "formula";
  raw: string;
  tex: string;
  display: boolean;
}

/** `\( \)` and `$ $`; a dollar before a digit is money. */
const INLINE = /^(?:\\\((.+?)\\\)|\$(?![\s$])((?:\\.|[^\\$\n])+?)(?<![\s\\])\$(?![\d\w]))/;
/** `\[ \]` and `$$ $$`, over several lines, too. */
const DISPLAY = /^(?:\\\[([\s\S]+?)\\\]|\$\$([\s\S]+?)\$\$)/;

function formula(display: boolean, found: RegExpExecArray | null): Formula | undefined {
  if (found === null) return undefined;
  const tex = (found[1] ?? found[2] ?? "").trim();
  return { type: "formula", raw: found[0], tex, display };
}

const parser = new Marked({
  gfm: true,
  extensions: [
    {
      name: "formula",
      level: "block",
      start: (text) => text.search(/\n *(?:\\\[|\$\$)/) + 1 || undefined,
      tokenizer: (text) => formula(true, DISPLAY.exec(text)),
    },
    {
      name: "formula",
      level: "inline",
      start(text) {
        const at = text.search(/\\[([]|(?<![\w\\])\$/);
        return at < 0 ? undefined : at;
      },
      tokenizer: (text) =>
        formula(true, DISPLAY.exec(text)) ?? formula(false, INLINE.exec(text)),
    },
  ],
});

/**
 * The blocks of a text. `before` are those of a text that this one continues: all but
 * the last are taken over, so that a long answer is not read anew with each frame.
 */
export function blocks(text: string, before: readonly Token[] = []): Token[] {
  const kept: Token[] = [];
  let length = 0;
  for (const block of before.slice(0, -2)) {
    if (!text.startsWith(block.raw, length)) break;
    kept.push(block);
    length += block.raw.length;
  }
  return [...kept, ...parser.lexer(text.slice(length))];
}
