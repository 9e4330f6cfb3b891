/**
 * A process of its own that runs a Worker on Miniflare with storage on disk, and nothing in between: `wrangler dev` puts
 * a proxy before it. It is told what to run over IPC, answers with the address, and ends with its parent.
 */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'

/** The parent's one message. */
export interface HostOrder {
  name: string
  script: string
  directory: string
  /** Miniflare's options of the Worker, as wrangler reads them from wrangler.toml, or by hand. */
  options: Record<string, unknown>
  persistence: string
  /** Opens the runtime's inspector on a free port. */
  inspect: boolean
}

/** Given, because Miniflare otherwise asks the internet where it is. */
const CF = { country: 'DE', city: 'Berlin', latitude: '52.52', longitude: '13.40', timezone: 'Europe/Berlin' }

process.once('message', (order: HostOrder) => void serve(order))

async function serve({ name, script, directory, options, persistence, inspect }: HostOrder): Promise<void> {
  const { modulesRules: _, rootPath: __, ...worker } = options
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: CF,
      log: new Log(LogLevel.WARN),
      logRequests: false,
      telemetry: { enabled: false },
      resourcePersistencePath: persistence,
      ...(inspect ? { inspectorPort: 0 } : {}),
      workers: [{ name, ...worker, modules: true, modulesRoot: directory, scriptPath: script }],
    }),
  )
  process.once('disconnect', () => {
    void miniflare.dispose().finally(() => process.exit(0))
  })
  const url = await miniflare.ready
  const inspector = inspect ? (await miniflare.getInspectorURL()).href : null
  process.send?.({ origin: url.origin, inspector })
}
