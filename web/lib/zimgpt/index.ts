/** A client of `zimgpt.v1` without dependencies, for browsers and Node. */

export * from "./answers.js";
export * from "./client.js";
export * from "./frames.js";
export * from "./meter.js";
export * from "./store.js";
export * from "./waits.js";
export * from "./wakes.js";
export * from "./api.js";
export * from "./http.js";
export * from "./essays.js";
export * from "./payments.js";
