/** Every figure by the name that `--only` takes. */
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import type { Plan } from '../measure/rounds.ts'
import { measureLinks } from './link.ts'
import { measureStorm } from './storm.ts'
import { measureStream } from './stream.ts'

type Measure = (generator: Generator, plan: Plan) => Promise<Figure[]>

export const FIGURES: Record<string, Measure> = {
  link: measureLinks,
  stream: measureStream,
  storm: measureStorm,
}

/** The long ones. */
export const SOAKS: Record<string, Measure> = {}
