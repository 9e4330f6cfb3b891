import { DurableObject } from 'cloudflare:workers'

export class Keyring extends DurableObject<Env> {}
