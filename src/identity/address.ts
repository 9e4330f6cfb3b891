import { DurableObject } from 'cloudflare:workers'

export class Address extends DurableObject<Env> {}
