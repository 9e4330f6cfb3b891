/** The Worker: the HTTP app, and the Durable Object classes that wrangler.toml names. */
import { app } from './app.ts'

export { Account } from './account/account.ts'
export { Companion } from './companion/companion.ts'
export { Spelling } from './companion/spelling.ts'
export { Address } from './identity/address.ts'
export { Keyring } from './identity/keyring.ts'
export { Number } from './identity/number.ts'

export default app
