// graphile-worker as jobs_peer.mjs '{"url", "migrate"?, "concurrency"?, "localQueue"?, "batch"?}': prints `ready`, and for each job `start` its number
// and the time at which it began. `batch` ends jobs in batches; with `localQueue` it fetches that many at a time.
import { EventEmitter } from "node:events";
import { Logger, run, runMigrations } from "graphile-worker";

const { url, migrate, concurrency = 24, localQueue, batch } = JSON.parse(process.argv[2]);
const logger = new Logger(() => () => {});
const worker = {
  connectionString: url,
  concurrentJobs: concurrency,
  maxPoolSize: concurrency + 2,
  logger,
  events: new EventEmitter().once("pool:listen:success", () => console.log("ready")),
  ...(localQueue ? { localQueue: { size: localQueue } } : {}),
  ...(batch ? { completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {}),
};
const now = () => (performance.timeOrigin + performance.now()) / 1000;
const taskList = {
  noop: async () => {},
  start: async ({ n }) => void process.stdout.write(`${n} ${now()}\n`),
};

if (migrate) {
  await runMigrations({ preset: { worker } });
  process.exit(0);
}
await (await run({ preset: { worker }, taskList })).promise;
