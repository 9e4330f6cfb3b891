/**
 * An entry of the Worker for the tests of crashes only: the production classes, each of whose steps of linking can be
 * held at a named point, so that the runtime can be killed there. wrangler.toml knows nothing of it, and a test looks
 * for {@link MARK} in the production bundle.
 *
 * `POST /v1/hold-point/{name}` holds the next call that comes to the point; `{MARK} {name}` is printed when it is there.
 */
import { app } from '../../src/app.ts'
import { Account as ProductionAccount } from '../../src/account/account.ts'
import { Companion as ProductionCompanion } from '../../src/companion/companion.ts'

export { Spelling } from '../../src/companion/spelling.ts'
export { Address } from '../../src/identity/address.ts'
export { Keyring } from '../../src/identity/keyring.ts'
export { Number } from '../../src/identity/number.ts'

const MARK = 'tandem-hold-point'
/** Long enough for whoever watches to kill the process. */
const HELD_MS = 60_000

/** One isolate runs the Worker and all its objects locally, so memory of the module is seen by all. */
let wanted: string | null = null

export class Companion extends ProductionCompanion {
  override async scan(...given: Parameters<ProductionCompanion['scan']>): ReturnType<ProductionCompanion['scan']> {
    return around('scan', () => super.scan(...given))
  }

  override async approve(
    ...given: Parameters<ProductionCompanion['approve']>
  ): ReturnType<ProductionCompanion['approve']> {
    return around('approve', () => super.approve(...given))
  }

  override async end(...given: Parameters<ProductionCompanion['end']>): ReturnType<ProductionCompanion['end']> {
    return around('end', () => super.end(...given))
  }
}

export class Account extends ProductionAccount {
  override async addDevice(
    ...given: Parameters<ProductionAccount['addDevice']>
  ): ReturnType<ProductionAccount['addDevice']> {
    return around('addDevice', () => super.addDevice(...given))
  }

  override async connectDevice(
    ...given: Parameters<ProductionAccount['connectDevice']>
  ): ReturnType<ProductionAccount['connectDevice']> {
    return around('connectDevice', () => super.connectDevice(...given))
  }

  override async unlinkDevice(
    ...given: Parameters<ProductionAccount['unlinkDevice']>
  ): ReturnType<ProductionAccount['unlinkDevice']> {
    return around('unlinkDevice', () => super.unlinkDevice(...given))
  }
}

export default {
  fetch(request, env, context) {
    const { pathname } = new URL(request.url)
    const [, name] = /^\/v1\/hold-point\/([\w-]+)$/.exec(pathname) ?? []
    if (name === undefined) return app.fetch(request, env, context)
    wanted = name
    return new Response(null, { status: 204 })
  },
} satisfies ExportedHandler<Env>

async function around<T>(call: string, run: () => Promise<T>): Promise<T> {
  await holdAt(`before-${call}`)
  const result = await run()
  await holdAt(`after-${call}`)
  return result
}

async function holdAt(name: string): Promise<void> {
  if (wanted !== name) return
  wanted = null
  console.log(`${MARK} ${name}`)
  await scheduler.wait(HELD_MS)
}
