import subprocess,time,sys
p=sys.argv[1]
b={"base":"/tmp/h2-base/build/src/memmap","review":"/tmp/h2-review/build/src/memmap"}
best={k:[] for k in b}
for i in range(1500):
    for k in b:
        t=time.perf_counter(); subprocess.run([b[k],"-J",p],stdout=subprocess.DEVNULL); best[k].append(time.perf_counter()-t)
for k in b:
    s=sorted(best[k]); print(k,"min %.0f med %.0f us"%(s[0]*1e6,s[len(s)//2]*1e6))
