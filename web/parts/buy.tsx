/** Packages, a way to pay, and the button that begins a payment. */

import { useRouter } from "next/router";
import { useRef, useState, type FormEvent } from "react";
import { CURRENCIES, digits, doubtful, useShop, usual, WALLETS, written } from "../lib/buying";
import { explained } from "../lib/errors";
import { payPlace } from "../lib/places";
import { usePrices } from "../lib/prices";
import { api, useSession } from "../lib/session";
import { count, useTexts } from "../lib/texts";
import { ApiError, newId, type Currency, type Method, type Offer, type Offers } from "../lib/zimgpt/index.js";
import { Field } from "./field";
import { Gift } from "./gift";
import { Note } from "./note";

export function Buy() {
  const texts = useTexts();
  const { t } = texts;
  const shop = useShop();
  return (
    <section className="card" id="buy" aria-busy={!shop.offers && shop.error === undefined}>
      <h2>{t("chat.to_wallet")}</h2>
      {shop.offers ? (
        shop.offers.packages.length === 0 ? (
          <Note>{t("error.payments_off")}</Note>
        ) : (
          <Form key={shop.offers.currencies.join()} offers={shop.offers} again={shop.again} />
        )
      ) : shop.error === undefined ? (
        <Bones />
      ) : (
        <>
          <Note tone="warn">{explained(texts, shop.error)}</Note>
          <button className="button plain" onClick={shop.again}>
            {t("shell.again")}
          </button>
        </>
      )}
    </section>
  );
}

function Bones() {
  return (
    <div className="stack" aria-hidden="true">
      <span className="bone tall" />
      <span className="bone tall" />
      <span className="bone w60" />
    </div>
  );
}

/** What an address may say was chosen before: `?package=…&currency=…`. */
function useChosen(offers: Offers) {
  const { query } = useRouter();
  const wanted = query.currency === "ZWG" ? "ZWG" : "USD";
  const currency = offers.currencies.includes(wanted) ? wanted : (offers.currencies[0] ?? "USD");
  const known = offers.packages.find((one) => one.id === query.package) ?? offers.packages[0];
  return { currency, package: known?.id ?? "" };
}

interface FormProps {
  offers: Offers;
  again: () => void;
}

function Form({ offers, again }: FormProps) {
  const texts = useTexts();
  const { t } = texts;
  const router = useRouter();
  const { person } = useSession();
  const before = useChosen(offers);
  const [currency, take] = useState<Currency>(before.currency);
  const [chosen, choose] = useState(before.package);
  const [phone, write] = useState(written(person?.phone ?? ""));
  const [picked, pick] = useState<Method>();
  const [gift, give] = useState<string>();
  const [trouble, say] = useState("");
  const [busy, work] = useState(false);
  const wish = useRef({ of: "", id: "" });
  const number = digits(phone);
  const sold = offers.packages.filter((one) => priceOf(one, currency));
  const offer = sold.find((one) => one.id === chosen) ?? sold[0];
  const price = offer && priceOf(offer, currency);
  const method = picked ?? guessed(offers, number);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy || !offer || !price || !method) return;
    if (method !== "web" && number === undefined) return say(t("error.phone_invalid"));
    const other = gift === undefined ? undefined : digits(gift);
    if (gift !== undefined && other === undefined) return say(t("wallet.gift.wrong"));
    const asked = {
      package: offer.id,
      currency,
      amount: price.amount,
      method,
      ...(method === "web" || number === undefined ? {} : { phone: `0${number}` }),
      ...(other === undefined ? {} : { beneficiary: `0${other}` }),
    };
    // The same wish keeps its id: sent twice, it is one payment.
    const of = JSON.stringify(asked);
    if (wish.current.of !== of) wish.current = { of, id: newId() };
    say("");
    work(true);
    api.pay({ id: wish.current.id, ...asked }).then(
      ({ id }) => void router.push(payPlace(id)),
      (error: unknown) => {
        work(false);
        say(explained(texts, error));
        if (error instanceof ApiError && /price_changed|package_unknown|_off|rate/.test(error.code)) again();
      },
    );
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {offers.currencies.length > 1 && (
        <fieldset className="choices">
          <legend className="label">{t("wallet.currency")}</legend>
          {offers.currencies.map((one) => (
            <label key={one} className="choice">
              <input type="radio" name="currency" value={one} checked={one === currency} onChange={() => take(one)} />
              <span>{CURRENCIES[one]}</span>
            </label>
          ))}
        </fieldset>
      )}
      {sold.length === 0 ? (
        <Note tone="warn">{t("error.no_rate")}</Note>
      ) : (
        <Packages sold={sold} currency={currency} chosen={offer?.id} onChoose={choose} />
      )}
      <fieldset className="choices">
        <legend className="label">{t("wallet.how")}</legend>
        {offers.methods.map(({ id }) => (
          <label key={id} className="choice">
            <input type="radio" name="method" value={id} checked={id === method} onChange={() => pick(id)} />
            <span>{id === "web" ? t("wallet.web") : WALLETS[id]}</span>
          </label>
        ))}
      </fieldset>
      {method !== "web" && (
        <Field
          label={t("wallet.phone")}
          hint={t("wallet.phone.hint")}
          name="phone"
          type="tel"
          inputMode="tel"
          autoComplete="tel"
          maxLength={40}
          value={phone}
          aria-invalid={phone.length > 9 && number === undefined}
          onChange={(event) => write(event.target.value)}
        />
      )}
      {method && method !== "web" && number && doubtful(method, number) && (
        <Note tone="warn">{t("wallet.doubt", { method: WALLETS[method] })}</Note>
      )}
      <Gift number={gift} onChange={give} />
      {trouble && <Note tone="bad">{trouble}</Note>}
      <button className="button wide" aria-disabled={busy || !price}>
        {busy ? t("shell.wait") : t("wallet.pay", { price: price?.price ?? "" })}
      </button>
      <p className="soft small-text centred">{t("wallet.pin")}</p>
    </form>
  );
}

function priceOf(offer: Offer, currency: Currency) {
  return offer.prices.find((one) => one.currency === currency);
}

/** The usual wallet of a number, where it is offered. */
function guessed(offers: Offers, number: string | undefined): Method | undefined {
  const usually = number && usual(number);
  return (offers.methods.find(({ id }) => id === usually) ?? offers.methods[0])?.id;
}

interface PackagesProps {
  sold: Offer[];
  currency: Currency;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

function Packages({ sold, currency, chosen, onChoose }: PackagesProps) {
  const { t } = useTexts();
  const guide = usePrices();
  return (
    <fieldset className="packages">
      <legend className="label">{t("wallet.package")}</legend>
      {sold.map((one) => (
        <label key={one.id} className="package">
          <input
            type="radio"
            name="package"
            value={one.id}
            checked={one.id === chosen}
            onChange={() => onChoose(one.id)}
          />
          <span className="package-face">
            <span>
              <strong className="figure">{count(one.tokens)}</strong> {t("statement.tokens")}
              {guide && (
                <span className="soft small-text block">
                  {t("wallet.about", { questions: Math.floor(one.tokens / guide.question) })}
                </span>
              )}
            </span>
            <strong className="figure price">{priceOf(one, currency)?.price}</strong>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
