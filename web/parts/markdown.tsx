/** An answer as it is read: elements made of what lib/markdown.ts has taken apart. */

import { memo, useEffect, useRef, useState, type ReactNode } from "react";
import type { Formula, Token, Tokens } from "../lib/markdown";
import { Code } from "./code";
import { Maths } from "./maths";

type Parser = typeof import("../lib/markdown");

let parser: Parser | undefined;
let loading: Promise<Parser> | undefined;

/** Fetches the parser; called before it is needed, where that can be known. */
export function prepare(): Promise<Parser> {
  loading ??= import("../lib/markdown").then(
    (loaded) => (parser = loaded),
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

/** Plain text until the parser is there, which is once in the life of an app. */
export function Markdown({ text }: { text: string }) {
  const ready = useParser();
  const before = useRef<Token[]>([]);
  if (!ready || parser === undefined) return <div className="prose raw">{text}</div>;
  const blocks = (before.current = parser.blocks(text, before.current));
  return (
    <div className="prose">
      {blocks.map((token, place) => (
        <Block key={place} token={token} />
      ))}
    </div>
  );
}

function useParser(): boolean {
  const [ready, set] = useState(parser !== undefined);
  useEffect(() => {
    if (!ready) prepare().then(() => set(true), () => undefined);
  }, [ready]);
  return ready;
}

const Block = memo(
  ({ token }: { token: Token }) => <>{block(token)}</>,
  (before, now) => before.token.raw === now.token.raw && before.token.type === now.token.type,
);
Block.displayName = "Block";

function block(token: Token): ReactNode {
  switch (token.type) {
    case "heading":
      return <Heading token={token as Tokens.Heading} />;
    case "paragraph":
      return <p>{inline(token.tokens)}</p>;
    case "text":
      return token.tokens ? inline(token.tokens) : token.text;
    case "list":
      return <List token={token as Tokens.List} />;
    case "code":
      return <Code text={(token as Tokens.Code).text} language={(token as Tokens.Code).lang} />;
    case "table":
      return <Table token={token as Tokens.Table} />;
    case "blockquote":
      return <blockquote>{(token.tokens ?? []).map(child)}</blockquote>;
    case "hr":
      return <hr />;
    case "formula":
      return <Maths {...shown(token as unknown as Formula)} />;
    case "space":
    case "def":
      return null;
    default: // HTML, and what may come to be: as it was written
      return <p>{token.raw}</p>;
  }
}

function child(token: Token, place: number): ReactNode {
  return <Block key={place} token={token} />;
}

function shown({ tex, display }: Formula) {
  return { tex, display };
}

/** One level below the question's heading, and never deeper than there is. */
function Heading({ token }: { token: Tokens.Heading }) {
  const Level = `h${Math.min(token.depth + 2, 6)}` as "h3";
  return <Level className={`level-${token.depth}`}>{inline(token.tokens)}</Level>;
}

function List({ token }: { token: Tokens.List }) {
  const items = token.items.map((item, place) => (
    <li key={place} className={item.task ? "task" : undefined}>
      {item.task && <span aria-hidden="true">{item.checked ? "☑ " : "☐ "}</span>}
      {item.tokens.filter((one) => one.type !== "checkbox").map(child)}
    </li>
  ));
  if (!token.ordered) return <ul>{items}</ul>;
  return <ol start={token.start === "" ? 1 : token.start}>{items}</ol>;
}

function Table({ token }: { token: Tokens.Table }) {
  const side = (cell: Tokens.TableCell) => (cell.align ? `to-${cell.align}` : undefined);
  return (
    <div className="table" tabIndex={0} role="group">
      <table>
        <thead>
          <tr>
            {token.header.map((cell, place) => (
              <th key={place} scope="col" className={side(cell)}>
                {inline(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, place) => (
            <tr key={place}>
              {row.map((cell, column) => (
                <td key={column} className={side(cell)}>
                  {inline(cell.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(tokens: Token[] = []): ReactNode {
  return tokens.map((token, place) => <Inline key={place} token={token} />);
}

function Inline({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "strong":
      return <strong>{inline(token.tokens)}</strong>;
    case "em":
      return <em>{inline(token.tokens)}</em>;
    case "del":
      return <del>{inline(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Away href={(token as Tokens.Link).href}>{inline(token.tokens)}</Away>;
    case "image": // never fetched: it would tell others who reads, and cost data
      return <Away href={(token as Tokens.Image).href}>{token.text || token.href}</Away>;
    case "formula":
      return <Maths {...shown(token as unknown as Formula)} />;
    case "text":
      return token.tokens ? inline(token.tokens) : token.text;
    case "escape":
      return token.text;
    default:
      return token.raw;
  }
}

/** A link to another site, told nothing about this one; other schemes are words. */
function Away({ href, children }: { href: string; children: ReactNode }) {
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(href)) return <>{children}</>;
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
