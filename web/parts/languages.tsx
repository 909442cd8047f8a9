import { LANGUAGES, useTexts, type Language } from "../lib/texts";

/** The choice of the app's language, each in its own words. */
export function Languages({ name = "language" }: { name?: string }) {
  const { t, language, choose } = useTexts();
  return (
    <fieldset>
      <legend className="unseen">{t("welcome.language")}</legend>
      <div className="choices">
        {Object.entries(LANGUAGES).map(([code, called]) => (
          <label key={code} className="choice" lang={code}>
            <input
              type="radio"
              name={name}
              value={code}
              checked={code === language}
              onChange={() => choose(code as Language)}
            />
            <span>{called}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
