import { DurableObject } from 'cloudflare:workers'

export class Companion extends DurableObject<Env> {}
