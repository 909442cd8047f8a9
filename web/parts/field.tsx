/** Fields to fill in, with their names and what helps to fill them. */

import { useId, useState, type ComponentProps } from "react";
import { useTexts } from "../lib/texts";
import { Icon } from "./icon";

interface FieldProps extends ComponentProps<"input"> {
  label: string;
  hint?: string;
}

export function Field({ label, hint, ...input }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input className="input" id={id} aria-describedby={hint && `${id}-hint`} {...input} />
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface PasswordProps {
  fresh: boolean;
  name?: string;
  label?: string;
  /** Accounts that WhatsApp made have none. */
  optional?: boolean;
}

/** A password, new or known; it can be looked at, and pasted. */
export function Password({ fresh, name = "password", label, optional = false }: PasswordProps) {
  const { t } = useTexts();
  const id = useId();
  const [shown, show] = useState(false);
  return (
    <div className="field">
      <label htmlFor={id}>{label ?? t("enter.password")}</label>
      <div className="with-end">
        <input
          className="input"
          id={id}
          name={name}
          type={shown ? "text" : "password"}
          autoComplete={fresh ? "new-password" : "current-password"}
          aria-describedby={fresh ? `${id}-hint` : undefined}
          minLength={fresh ? 8 : undefined}
          maxLength={128}
          required={!optional}
        />
        <button
          type="button"
          className="icon-button"
          aria-pressed={shown}
          aria-label={t("enter.password.show")}
          onClick={() => show(!shown)}
        >
          <Icon of={shown ? "hide" : "show"} />
        </button>
      </div>
      {fresh && (
        <p className="hint" id={`${id}-hint`}>
          {t("enter.password.hint")}
        </p>
      )}
    </div>
  );
}
