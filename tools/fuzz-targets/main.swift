internal import StoaFuzzKit

#if STOA_FUZZ
    FuzzDriver.run()
#else
    FuzzDriver.refuse()
#endif
