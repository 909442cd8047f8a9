import { connection } from "./session";

/** What was heard of a conversation: another with each connection and each piece of news. */
export function heard(id: string): string {
  const { opened, elsewhere } = connection();
  const news = elsewhere.get(id);
  return `${opened} ${news === undefined ? "" : news.type === "asked" ? news.answer : news.by}`;
}
