import { TestQueue } from '../support/queue-fixture.ts';
import { queueContract } from './queue.contract.ts';

queueContract((options) => TestQueue.open(options));
