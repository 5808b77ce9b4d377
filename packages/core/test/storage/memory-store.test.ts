import { blobStoreSuite } from '../../../../test/suites/blob-store.ts'
import { openMemoryStore } from '../../src/storage/memory-store.ts'

blobStoreSuite('memory', async () => ({ store: openMemoryStore(), close: async () => {} }))
