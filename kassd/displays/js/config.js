// Where the register is: defaults < config.json beside the page < the address line.

const DEFAULTS = {
  node: "",
  client: "",
  station: "main",
  host: location.hostname,
  port: 0, // 0: the page's own port, as when the broker serves the page
  path: "/mqtt",
  username: "",
  password: "",
  groups: [
    { text: "Ware 19 %", vat: 1 },
    { text: "Ware 7 %", vat: 2 },
  ],
};

const FROM_ADDRESS = ["node", "client", "station", "host", "port", "path"];

async function besideThePage() {
  try {
    const answer = await fetch("config.json", { cache: "no-store" });
    return answer.ok ? await answer.json() : {};
  } catch (error) {
    console.warn("config.json:", error);
    return {};
  }
}

/** The page's settings; throws with a German sentence when node or client is missing. */
export async function load() {
  const query = new URLSearchParams(location.search);
  const address = Object.fromEntries(
    FROM_ADDRESS.filter((key) => query.has(key)).map((key) => [key, query.get(key)]),
  );
  const config = { ...DEFAULTS, ...(await besideThePage()), ...address };
  for (const key of ["node", "client"]) {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(config[key])) {
      throw new Error(`Dieser Anzeige fehlt die Angabe „${key}“. Adresse prüfen, z. B. ?node=demo.kasse-0007&client=cashier-1`);
    }
  }
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const port = Number(config.port) || location.port;
  config.url = `${scheme}://${config.host}${port ? ":" + port : ""}${config.path}`;
  config.base = `kassd/v1/${config.node}`;
  return config;
}
