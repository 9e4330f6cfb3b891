import { DurableObject } from 'cloudflare:workers'

export class Number extends DurableObject<Env> {}
