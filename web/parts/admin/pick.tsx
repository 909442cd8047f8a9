/** One of several words, with its name. */

import { useId } from "react";

interface PickProps {
  label: string;
  name: string;
  value: string;
  /** What no choice is called. */
  any?: string;
  options: readonly (readonly [value: string, name: string])[];
}

export function Pick({ label, name, value, any, options }: PickProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select className="input" id={id} name={name} defaultValue={value}>
        {any !== undefined && <option value="">{any}</option>}
        {options.map(([one, said]) => (
          <option key={one} value={one}>
            {said}
          </option>
        ))}
      </select>
    </div>
  );
}
