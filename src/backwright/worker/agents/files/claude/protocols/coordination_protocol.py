"""What workers of this project write their sessions with.

    log = WorkerLogger("Docs/hive-mind/sessions/2026-01-31-09-00-orders-over-the-counter", "backend-worker")
    log.log_event("tests_written", {"files": ["tests/test_orders.py"]}, "completed")
"""

from backwright.worker.protocol.logger import WorkerLogger

__all__ = ["WorkerLogger"]
