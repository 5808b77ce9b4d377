// A slice that is nil: it reads as an empty one, but JSON and YAML write it as null.
import { GoList, type GoType } from '../../template/value.ts'

/** What `concat` of empty lists and a search without a match give in Go. */
export class NilList extends GoList {
  constructor(type?: GoType) {
    super([], type)
  }
}
