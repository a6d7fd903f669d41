// Times the Lab's training: a setup on each line in, milliseconds of processor time a step out. Setups stay compiled and drawn.
// usage: node bench_lab.mjs <folder of modules>
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const load = (name) => import(pathToFileURL(join(process.argv[2], name)));
const { Trainer } = await load("lab-train.js");
const { DEFAULT_SETUP } = await load("lab-setup.js");
const trainers = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const { count, ...setup } = JSON.parse(line);
  const name = JSON.stringify(setup);
  if (!trainers.has(name)) trainers.set(name, new Trainer({ ...DEFAULT_SETUP, ...setup }));
  const began = process.cpuUsage();
  for (let step = 0; step < count; step++) trainers.get(name).step();
  const { user, system } = process.cpuUsage(began);
  console.log((user + system) / 1000 / count);
}
