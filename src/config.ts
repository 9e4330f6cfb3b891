/** The operator's settings, parsed once from the environment. A wrong one fails loudly, by name. */
import { OPERATOR_KEY_CHARACTERS } from './protocol/limits.ts'

export interface Config {
  rotateMs: number
  rotations: number
  graceMs: number
  holdMs: number
  maxDevices: number
  deviceIdleMs: number
  confirm: 'never' | 'proximity' | 'always'
  /** Besides the service's own. */
  allowedOrigins: readonly string[]
  /** Null: the request's own origin. */
  publicOrigin: string | null
  identity: { kind: 'number' } | { kind: 'oidc'; issuer: string; audience: string; claim: string }
  codeDelivery: { kind: 'webhook'; url: string | null; secret: string | null } | { kind: 'console' } | { kind: 'echo' }
  /** Opens the operator's commands, which are not there without it. */
  operatorKey: string | null
  demo: boolean
  /** Whether loopback addresses are counted by the limits on addresses, as the tests of limits want it. */
  limitLoopback: boolean
}

/** A setting that cannot be used. Its message names the variable and says what it must be. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

type Settings = Record<string, unknown>

const parsed = new WeakMap<object, Config>()

/** The settings of `env`, parsed at the first call. @throws ConfigError */
export function configOf(env: object): Config {
  const known = parsed.get(env)
  if (known !== undefined) return known
  const config = parseConfig(env as Settings)
  parsed.set(env, config)
  return config
}

/** Parses the settings. @throws ConfigError for the first one that cannot be used */
export function parseConfig(env: Settings): Config {
  return {
    rotateMs: seconds(env, 'ROTATE_SECONDS', 1, 3600),
    rotations: whole(env, 'ROTATIONS', 1, 1000),
    graceMs: seconds(env, 'GRACE_SECONDS', 0, 3600),
    holdMs: seconds(env, 'HOLD_SECONDS', 1, 3600),
    maxDevices: whole(env, 'MAX_DEVICES', 1, 100),
    deviceIdleMs: whole(env, 'DEVICE_IDLE_DAYS', 1, 3650) * 86_400_000,
    confirm: oneOf(env, 'CONFIRM', ['never', 'proximity', 'always']),
    allowedOrigins: list(env, 'ALLOWED_ORIGINS').map((origin) => asOrigin('ALLOWED_ORIGINS', origin)),
    publicOrigin: text(env, 'PUBLIC_ORIGIN') === '' ? null : asOrigin('PUBLIC_ORIGIN', text(env, 'PUBLIC_ORIGIN')),
    identity: parseIdentity(env),
    codeDelivery: parseDelivery(env),
    operatorKey: parseOperatorKey(env),
    demo: flag(env, 'DEMO'),
    limitLoopback: flag(env, 'LIMIT_LOOPBACK'),
  }
}

/** Whether anybody can sign in: false for the default configuration until the operator chooses how. */
export function isIdentityReady(config: Config): boolean {
  return config.identity.kind === 'oidc' || config.codeDelivery.kind !== 'webhook' || config.codeDelivery.url !== null
}

function parseIdentity(env: Settings): Config['identity'] {
  if (oneOf(env, 'IDENTITY', ['number', 'oidc']) === 'number') return { kind: 'number' }
  const issuer = text(env, 'OIDC_ISSUER')
  const audience = text(env, 'OIDC_AUDIENCE')
  if (!URL.canParse(issuer)) throw new ConfigError('OIDC_ISSUER must be the address of the issuer')
  if (audience === '') throw new ConfigError('OIDC_AUDIENCE must name the audience of its access tokens')
  return { kind: 'oidc', issuer, audience, claim: text(env, 'ACCOUNT_CLAIM') || 'sub' }
}

function parseDelivery(env: Settings): Config['codeDelivery'] {
  const kind = oneOf(env, 'CODE_DELIVERY', ['webhook', 'console', 'echo'])
  if (kind !== 'webhook') return { kind }
  const url = text(env, 'CODE_WEBHOOK_URL')
  if (url === '') return { kind, url: null, secret: null }
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw new ConfigError('CODE_WEBHOOK_URL must be an https address')
  }
  const secret = text(env, 'CODE_WEBHOOK_SECRET')
  if (secret === '') {
    throw new ConfigError('CODE_WEBHOOK_SECRET must be set (npx wrangler secret put CODE_WEBHOOK_SECRET)')
  }
  return { kind, url, secret }
}

/** What a header carries whole (RFC 9110 section 5.5), and long enough that nobody guesses it. */
function parseOperatorKey(env: Settings): string | null {
  const key = text(env, 'OPERATOR_KEY')
  if (key === '') return null
  if (!/^[\x21-\x7e]+$/.test(key) || key.length < OPERATOR_KEY_CHARACTERS) {
    throw new ConfigError(
      `OPERATOR_KEY must be at least ${OPERATOR_KEY_CHARACTERS} letters, digits or signs, without spaces`,
    )
  }
  return key
}

function text(env: Settings, name: string): string {
  const value = env[name]
  return typeof value === 'string' ? value.trim() : ''
}

function list(env: Settings, name: string): string[] {
  return text(env, name)
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
}

function asOrigin(name: string, value: string): string {
  if (!URL.canParse(value) || new URL(value).origin === 'null') {
    throw new ConfigError(`${name} must hold origins such as https://chat.example`)
  }
  const { origin, pathname, search, hash } = new URL(value)
  if (pathname !== '/' || search !== '' || hash !== '') {
    throw new ConfigError(`${name} must hold origins without a path`)
  }
  return origin
}

function whole(env: Settings, name: string, least: number, most: number): number {
  const value = Number(text(env, name))
  if (text(env, name) === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(`${name} must be a whole number from ${least} to ${most}`)
  }
  return value
}

/** Seconds as milliseconds; fractions are allowed, so that tests from outside can shorten them. */
function seconds(env: Settings, name: string, least: number, most: number): number {
  const value = Number(text(env, name))
  if (text(env, name) === '' || !Number.isFinite(value) || value < least || value > most) {
    throw new ConfigError(`${name} must be a number of seconds from ${least} to ${most}`)
  }
  return Math.round(value * 1000)
}

function oneOf<const T extends string>(env: Settings, name: string, choices: readonly T[]): T {
  const value = text(env, name)
  const found = choices.find((choice) => choice === value)
  if (found === undefined) throw new ConfigError(`${name} must be one of ${choices.join(', ')}`)
  return found
}

function flag(env: Settings, name: string): boolean {
  return oneOf(env, name, ['on', 'off']) === 'on'
}
