/** Files to take along. What cannot be had is said here, not by the browser. */

import { useState, type MouseEvent } from "react";
import { explained } from "../lib/errors";
import { api } from "../lib/session";
import { useTexts } from "../lib/texts";
import { Icon } from "./icon";
import { Note } from "./note";

/** Milliseconds for which a file's address holds: the browser has long begun to keep it. */
const HELD = 60_000;

/** Each by its path after `/api/v1/` and what people call its kind. */
export function Downloads({ files }: { files: readonly (readonly [path: string, name: string])[] }) {
  const texts = useTexts();
  const { t } = texts;
  const [busy, work] = useState("");
  const [trouble, say] = useState("");
  const fetched = async (event: MouseEvent, path: string) => {
    event.preventDefault();
    if (busy) return;
    work(path);
    say("");
    try {
      keep(await api.file(path));
    } catch (error) {
      say(explained(texts, error));
    }
    work("");
  };
  return (
    <>
      <div className="row">
        {files.map(([path, name]) => (
          <a
            key={name}
            className="button plain"
            href={`/api/v1/${path}`}
            download
            aria-disabled={busy === path}
            onClick={(event) => void fetched(event, path)}
          >
            <Icon of="save" small /> {busy === path ? t("shell.wait") : name}
          </a>
        ))}
      </div>
      {trouble && <Note tone="bad">{trouble}</Note>}
    </>
  );
}

function keep({ name, content }: { name: string; content: Blob }): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), HELD);
}
