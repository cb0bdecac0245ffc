// Makes thumbnails with sharp, one request a line of stdin, one answer a line of stdout.
// Called as: node sharp.mjs <folder that holds node_modules>
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const sharp = createRequire(`${process.argv[2]}/`)("sharp");
sharp.concurrency(1);
sharp.cache(false); // else the second round would measure the cache

for await (const line of createInterface({ input: process.stdin })) {
  const { path, sizes, format, quality, cloned } = JSON.parse(line);
  const data = readFileSync(path);
  const bodies = {};
  const begun = process.cpuUsage(); // of all threads, in microseconds
  const shared = cloned ? sharp(data).rotate() : null;
  for (const [name, side] of Object.entries(sizes)) {
    const input = cloned ? shared.clone() : sharp(data).rotate();
    bodies[name] = await input
      .resize(side, side, { fit: "inside", withoutEnlargement: true })
      .toFormat(format, { quality })
      .toBuffer();
  }
  const { user, system } = process.cpuUsage(begun);
  const seconds = (user + system) / 1e6;
  for (const name in bodies) bodies[name] = bodies[name].toString("base64");
  process.stdout.write(`${JSON.stringify({ seconds, bodies })}\n`);
}
