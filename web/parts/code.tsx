import { Copy } from "./copy";

/** A program, which keeps its lines and can be copied. */
export function Code({ text, language }: { text: string; language: string | undefined }) {
  return (
    <div className="code">
      <div className="code-top">
        <span className="soft">{language}</span>
        <Copy text={text} />
      </div>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
