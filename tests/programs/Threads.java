// SPDX-License-Identifier: MIT

import java.util.concurrent.CountDownLatch;

/** Eight threads that wait, besides the JVM's own. */
class Threads {
    public static void main(String[] args) throws Exception {
        CountDownLatch started = new CountDownLatch(8);
        CountDownLatch never = new CountDownLatch(1);

        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(null, () -> {
                started.countDown();
                try {
                    never.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }, "told-" + i, 1 << 20);
            thread.setDaemon(true);
            thread.start();
        }
        started.await();
        System.out.println("READY");
        System.in.read();
    }
}
