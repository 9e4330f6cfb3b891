/** Every figure by the name that `--only` takes. */
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import type { Plan } from '../measure/rounds.ts'
import { measureGrant } from './grant.ts'
import { measureLarge } from './large.ts'
import { measureLinks } from './link.ts'
import { measurePage } from './page.ts'
import { measureDrawing, measureReading } from './picture.ts'
import { measureCompanions, measureIdle } from './soak.ts'
import { measureStorm } from './storm.ts'
import { measureStream } from './stream.ts'
import { measureWorker } from './worker.ts'

type Measure = (generator: Generator, plan: Plan) => Promise<Figure[]>

export const FIGURES: Record<string, Measure> = {
  link: measureLinks,
  stream: measureStream,
  storm: measureStorm,
  large: measureLarge,
  drawing: measureDrawing,
  reading: measureReading,
  worker: measureWorker,
  page: measurePage,
  grant: measureGrant,
}

/** The long ones. */
export const SOAKS: Record<string, Measure> = {
  companions: measureCompanions,
  idle: measureIdle,
}
