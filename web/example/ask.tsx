import { useEffect, useState, type FormEvent } from "react";
import { Api, Client, browserStore, wakes } from "../lib/zimgpt/index.js";

/** Where ZimGPT is; the page's own address is one of its `guest_origins`. */
const SERVER = process.env.NEXT_PUBLIC_ZIMGPT ?? "";

/** Signs in, asks, and shows the answers as they are written. */
export default function Ask() {
  const [client, connect] = useState<Client>();
  const [, draw] = useState(0);

  useEffect(() => {
    if (client === undefined) return;
    const ends = [client.subscribe(() => draw(client.version)), wakes(client)];
    client.connect();
    return () => {
      client.close();
      for (const end of ends) end();
    };
  }, [client]);

  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const api = new Api(SERVER);
    const { token } = await api.signIn(String(form.get("phone")), String(form.get("password")));
    if (token === undefined) return;
    const url = `${SERVER.replace("http", "ws")}/ws`;
    // Kept until the tab is closed; a token is not for localStorage.
    connect(new Client({ url, token, store: browserStore(sessionStorage, "me") }));
  };
  const ask = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    client?.ask({ text: String(new FormData(form).get("question")) });
    form.reset();
  };

  if (client === undefined) {
    return (
      <form onSubmit={(event) => void enter(event)}>
        <input name="phone" type="tel" aria-label="Mobile number" />
        <input name="password" type="password" aria-label="Password" />
        <button>Sign in</button>
      </form>
    );
  }
  return (
    <main>
      <p>Tokens left: {client.wallet?.available}</p>
      {[...client.answers.values()].map((one) => (
        <article key={one.key} data-state={one.state}>
          <h2>{one.ask?.text}</h2>
          <p>{one.text}</p>
        </article>
      ))}
      <form onSubmit={ask}>
        <input name="question" aria-label="Your question" />
        <button>Ask</button>
      </form>
    </main>
  );
}
