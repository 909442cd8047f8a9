/** A menu that is a drawer on phones and a column on desks. */

import { useRouter } from "next/router";
import { useEffect, useLayoutEffect, useRef, useState } from "react";

const WIDE = "(width >= 60rem)";

export function useDrawer() {
  const ref = useRef<HTMLDialogElement>(null);
  const [shown, set] = useState(false);
  const [drawn, keep] = useState(false);
  const [wide, widen] = useState(false);
  const { asPath } = useRouter();
  useEffect(() => {
    const media = matchMedia(WIDE);
    const look = () => widen(media.matches);
    look();
    media.addEventListener("change", look);
    return () => media.removeEventListener("change", look);
  }, []);
  useEffect(() => ref.current?.close(), [asPath, wide]);
  useLayoutEffect(() => {
    if (shown) ref.current?.showModal(); // with its content, the first of which has the focus
  }, [shown]);
  return {
    ref,
    /** From the first opening on: drawing it anew each time takes a slow phone long. */
    drawn,
    wide,
    show: () => {
      keep(true);
      set(true);
    },
    hide: () => ref.current?.close(),
    closed: () => set(false),
    clicked: (event: { target: unknown }) => {
      if (event.target === ref.current) ref.current?.close();
    },
  };
}
