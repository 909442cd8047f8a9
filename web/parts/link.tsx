import NextLink from "next/link";
import type { ComponentProps } from "react";

/** A link within the app; its page is fetched when it is wanted, not when it is seen. */
export function Link(props: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={false} {...props} />;
}
