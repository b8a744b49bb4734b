// The page's link to the register: documents in, commands out (kassd/v1/<node>, MQTT 5 over WebSocket).

import mqtt from "../vendor/mqtt.esm.js";

const KEEPALIVE_S = 15;
const CONNECT_TIMEOUT_MS = 4000;
const EXPIRY_S = 10;
const RETRY_MS = [250, 3000]; // first and longest pause, with jitter

/** A UUIDv7: 48 bits of milliseconds, then random. */
export function commandId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = BigInt(Date.now());
  for (let i = 0; i < 6; i++) bytes[i] = Number((now >> BigInt(40 - 8 * i)) & 0xffn);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Whether `next` is newer than `last`: another boot, or a higher count of the same. */
export function isNewer(next, last) {
  return !last || next.boot !== last.boot || next.n > last.n;
}

/**
 * Keeps one connection and the newest document of each topic.
 *
 * `onDocument(topic, document | null)` gets the topic below the base, null when it was cleared;
 * `onState` follows the socket and the register's own `online`: "up", "off" (no register behind the broker) or
 * "lost" (no broker).
 */
export class Link {
  constructor(config, { onDocument, onState }) {
    Object.assign(this, { config, onDocument, onState });
    this.documents = new Map();
    this.waiting = new Map();
    this.birth = null; // boot of the last `online: true`
    this.online = false;
    this.attempts = 0;
    // Unique per tab: two tabs under one id would throw each other out for ever.
    this.clientId = `disp-${config.client}-${commandId().slice(-12)}`;
  }

  open() {
    const { url, username, password, base, client } = this.config;
    // Reconnecting is ours: a fresh client has no queue, so nothing typed before a break is sent after it.
    const socket = mqtt.connect(url, {
      protocolVersion: 5,
      clientId: this.clientId,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      queueQoSZero: false,
      ...(username ? { username, password } : {}),
    });
    this.socket = socket;
    socket.on("connect", () => {
      this.forgetAlerts();
      socket.subscribe(["state/#", "online", "info", "alert/#", `res/${client}`].map((t) => `${base}/${t}`), { qos: 1 });
    });
    socket.on("message", (topic, payload) => this.receive(topic.slice(base.length + 1), payload));
    socket.on("error", (error) => console.warn("mqtt:", error.message));
    socket.on("close", () => this.lost(socket));
  }

  lost(socket) {
    if (socket !== this.socket) return;
    this.socket = null;
    socket.end(true);
    this.setState("lost");
    const ceiling = Math.min(RETRY_MS[0] * 2 ** this.attempts++, RETRY_MS[1]);
    setTimeout(() => this.open(), RETRY_MS[0] / 2 + Math.random() * ceiling);
  }

  /** The broker tells anew which alerts stand; those cleared while we were away it cannot tell. */
  forgetAlerts() {
    for (const topic of [...this.documents.keys()].filter((t) => t.startsWith("alert/"))) {
      this.documents.delete(topic);
      this.onDocument(topic, null);
    }
  }

  receive(topic, payload) {
    if (payload.length === 0) {
      this.documents.delete(topic);
      this.onDocument(topic, null);
      return;
    }
    let document;
    try {
      document = JSON.parse(payload.toString());
    } catch (error) {
      console.error(`${topic}: no JSON`, error);
      return;
    }
    if (topic === "online") this.receiveOnline(document);
    else if (topic === `res/${this.config.client}`) this.receiveReply(document);
    else if (isNewer(document, this.documents.get(topic))) {
      this.documents.set(topic, document);
      this.onDocument(topic, document);
    }
  }

  receiveOnline(document) {
    if (document.online) this.birth = document.boot;
    else if (this.birth && document.boot !== this.birth) return; // the death of an earlier life
    this.setState(document.online === true ? "up" : "off");
  }

  setState(state) {
    this.online = state === "up";
    if (this.online) this.attempts = 0;
    else this.fail("Verbindung zur Kasse verloren.", "Stand ansehen und bei Bedarf neu eingeben.");
    this.onState(state);
  }

  receiveReply(reply) {
    this.waiting.get(reply.id)?.(reply);
    this.waiting.delete(reply.id);
  }

  fail(message, next) {
    for (const settle of this.waiting.values()) settle({ status: "failed", message, next });
    this.waiting.clear();
  }

  /**
   * Send one command and give its reply. Never rejects and never repeats: without an answer within the
   * command's life the reply is a `failed` one, made here, that asks to look at the state first.
   */
  send(name, args, rev) {
    const { base, client, station } = this.config;
    const id = commandId();
    const command = { v: 1, id, args: { station, ...args }, ...(rev === undefined ? {} : { if: { rev } }) };
    return new Promise((settle) => {
      const failed = (message, next) => this.receiveReply({ id, status: "failed", message, next });
      if (!this.socket?.connected || !this.online) {
        settle({ id, status: "failed", message: "Keine Verbindung zur Kasse.", next: "Warten, dann neu eingeben." });
        return;
      }
      this.waiting.set(id, settle);
      setTimeout(() => failed("Die Kasse antwortet nicht.", "Stand ansehen, dann bei Bedarf neu eingeben."), EXPIRY_S * 1000);
      this.socket.publish(
        `${base}/cmd/${client}/${name}`,
        JSON.stringify(command),
        {
          qos: 1,
          properties: {
            messageExpiryInterval: EXPIRY_S,
            responseTopic: `${base}/res/${client}`,
            contentType: "application/json",
          },
        },
        (error) => error && failed("Diese Anzeige darf das nicht senden.", "Rechte der Anzeige prüfen lassen."),
      );
    });
  }
}
