/** The figures of a stretch of time that are looked at first. */

import { money } from "../../lib/admin/figures";
import { dollars, full, short, sum, waited, whole, type Statistics } from "../../lib/admin/statistics";

export function Tiles({ of: told }: { of: Statistics }) {
  const questions = sum(Object.values(told.channels).flat());
  const failed = sum(told.failed);
  const cost = whole(told.cost);
  const margin = whole(told.margin);
  const cents = sum(told.cents);
  return (
    <dl className="tiles">
      <Tile name="Questions" value={full(questions)} more={failed ? `${full(failed)} failed, free of charge` : "none failed"} />
      <Tile name="Tokens spent" value={full(sum(told.spent))} more={`${full(sum(told.sold))} sold`} />
      <Tile name="Came in" value={money(cents, "USD")} more={`${full(sum(told.payments))} payments, all currencies`} />
      <Tile name="Models cost" value={cost === null ? "not known" : dollars(cost)} more={`${short(sum(told.prompt) + sum(told.completion))} tokens of models`} />
      <Tile
        name="Margin"
        value={margin === null ? "not known" : dollars(margin)}
        more={margin === null || cents <= 0 ? "what came in less what models cost" : `${Math.round(margin / 100 / cents)} % of what came in`}
        tone={margin !== null && margin < 0 ? "bad" : undefined}
      />
      <Tile
        name="First words after"
        value={told.overall ? waited(told.overall.first_half) : "—"}
        more={told.overall ? `for half; ${waited(told.overall.first_most)} for 19 of 20` : "nobody was answered"}
      />
    </dl>
  );
}

function Tile({ name, value, more, tone }: { name: string; value: string; more: string; tone?: "bad" | undefined }) {
  return (
    <div className="tile" data-tile={name}>
      <dt>{name}</dt>
      <dd>
        <strong className={tone ? `figure ${tone}` : "figure"}>{value}</strong>
        <span className="soft small-text">{more}</span>
      </dd>
    </div>
  );
}
