/** Whose the bought tokens will be: the payer's, unless another number is given. */

import { digits } from "../lib/buying";
import { useTexts } from "../lib/texts";
import { Field } from "./field";

interface GiftProps {
  /** As it was typed; undefined for the payer. */
  number: string | undefined;
  onChange: (number: string | undefined) => void;
}

export function Gift({ number, onChange }: GiftProps) {
  const { t } = useTexts();
  return (
    <>
      <label className="switch">
        <span className="label">{t("wallet.gift")}</span>
        <input
          type="checkbox"
          role="switch"
          name="gift"
          checked={number !== undefined}
          onChange={(event) => onChange(event.target.checked ? "" : undefined)}
        />
      </label>
      {number !== undefined && (
        <Field
          label={t("wallet.gift.phone")}
          hint={t("wallet.gift.hint")}
          name="beneficiary"
          type="tel"
          inputMode="tel"
          autoComplete="off"
          maxLength={40}
          value={number}
          aria-invalid={number.length > 9 && digits(number) === undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </>
  );
}
