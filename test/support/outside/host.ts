/**
 * A process of its own that runs the built Worker on Miniflare, as DESIGN of a measurement wants it: no development
 * proxy in between. It is told what to run over IPC, answers with the address, and ends with its parent.
 */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import type { Built } from './build.ts'

/** The parent's one message. */
export interface HostOrder {
  script: string
  directory: string
  options: Built['options']['local']
  vars: Record<string, string>
  cf: Record<string, string>
  persistence: string
  /** 0: any free one. */
  port: number
}

process.once('message', (order: HostOrder) => void serve(order))

async function serve(order: HostOrder): Promise<void> {
  const { modulesRules: _, rootPath: __, bindings, ...worker } = order.options
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: order.port,
      // Given, because Miniflare otherwise asks the internet where it is.
      cf: order.cf,
      log: new Log(LogLevel.WARN),
      logRequests: false,
      telemetry: { enabled: false },
      resourcePersistencePath: order.persistence,
      workers: [
        {
          name: 'tandem',
          ...worker,
          modules: true,
          modulesRoot: order.directory,
          scriptPath: order.script,
          bindings: { ...(bindings as Record<string, string>), ...order.vars },
        },
      ],
    }),
  )
  const stop = async (): Promise<void> => {
    await miniflare.dispose()
    process.exit(0)
  }
  process.once('disconnect', () => void stop())
  const url = await miniflare.ready
  process.send?.({ url: url.href })
}
