import { useEffect, useState, type ReactNode } from "react";
import { painted } from "../lib/painted";

/**
 * What lies below a page's first screen: drawn in the frame after it, so that a slow phone
 * shows the page that was touched for sooner.
 */
export function Later({ children }: { children: ReactNode }) {
  const [drawn, draw] = useState(false);
  useEffect(() => painted(() => draw(true)), []);
  return drawn ? children : <span className="bone" aria-hidden="true" />;
}
