// Prints the errors that @asyncapi/parser finds in the file named first; NODE_PATH leads to the parser.
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

new Parser().parse(readFileSync(process.argv[2], "utf8")).then(({ document, diagnostics }) => {
  const errors = diagnostics.filter((d) => d.severity === 0).map((d) => `${d.path.join("/")}: ${d.message}`);
  console.log(JSON.stringify({ errors, channels: document ? document.channels().length : 0 }));
});
