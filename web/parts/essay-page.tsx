/** An essay that was ordered: its outline, its growing, its reading. */

import { useState } from "react";
import { explained, sentence } from "../lib/errors";
import { ended, useOrder, usePiece } from "../lib/essay";
import { placeOf } from "../lib/places";
import { useTexts } from "../lib/texts";
import { EssayGrowing } from "./essay-growing";
import { EssayRead } from "./essay-read";
import { Link } from "./link";
import { Note } from "./note";
import { Outline } from "./outline";

export function EssayPage({ id }: { id: string }) {
  const texts = useTexts();
  const { t } = texts;
  const piece = usePiece(id);
  const { live, turn } = piece;
  const over = ended(piece);
  const answer = live?.answer ?? (live ? undefined : turn?.answer);
  const known = !over && live?.ask?.brief !== undefined; // its order is what was asked here
  const { order, whole, plain, error, retry } = useOrder(known ? undefined : answer, over);
  const [changing, change] = useState("");
  const brief = live?.ask?.brief ?? order?.brief;
  const state = live?.state ?? turn?.state;

  if (state === undefined) {
    if (piece.error === undefined) return <Bones />;
    return <Trouble said={explained(texts, piece.error)} onAgain={piece.retry} />;
  }
  if (state === "failed") {
    return (
      <section className="card">
        <Note tone="bad">{sentence(texts, live?.code ?? turn?.finish, live?.note ?? turn?.note)}</Note>
        <Link className="button" href={placeOf("essay")}>
          {t("essay.new")}
        </Link>
      </section>
    );
  }
  const topic = live?.ask?.text ?? order?.text ?? turn?.question ?? "";
  const text = live?.text ?? turn?.text ?? "";
  if (!over) return <EssayGrowing topic={topic} live={live} text={text} brief={brief} />;
  const outlined = brief?.step === "outline";
  if (!(order && whole) && !plain) {
    return error === undefined ? <Bones /> : <Trouble said={explained(texts, error)} onAgain={retry} />;
  }
  if (order && (outlined || changing === order.answer)) {
    return <Outline key={order.answer} order={order} onBack={outlined ? undefined : () => change("")} />;
  }
  return (
    <EssayRead
      topic={topic}
      answer={answer ?? ""}
      text={text}
      brief={brief}
      words={live?.words ?? order?.words}
      cost={live?.cost ?? turn?.cost}
      finish={live?.finish ?? turn?.finish}
      onChange={order && (() => change(order.answer))}
    />
  );
}

function Bones() {
  return (
    <div className="stack" aria-hidden="true">
      <span className="bone w60" />
      <span className="bone" />
      <span className="bone" />
      <span className="bone w80" />
    </div>
  );
}

function Trouble({ said, onAgain }: { said: string; onAgain: () => void }) {
  const { t } = useTexts();
  return (
    <div className="empty" role="status">
      <p>{said}</p>
      <button className="button plain" onClick={onAgain}>
        {t("shell.again")}
      </button>
      <Link className="button quiet" href={placeOf("essay")}>
        {t("essay.new")}
      </Link>
    </div>
  );
}
