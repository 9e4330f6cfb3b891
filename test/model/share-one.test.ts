/** One share of the runs against the reference log (`promise.ts`). */
import { itKeepsThePromise } from './promise.ts'

itKeepsThePromise({ shares: 2 })
